/** The limiter, its stores, and the HTTP pipeline that every adapter shares. */
@SuppressWarnings("requires-automatic") // jjwt and jedis ship no module descriptor
module dev.penstock {
  requires static java.management; // of a bean that nobody need register
  requires static jdk.jfr; // listeners are told without it, too
  requires static com.fasterxml.jackson.core;
  requires static com.fasterxml.jackson.databind;
  requires static jjwt.api;
  requires static org.jspecify;
  requires static org.yaml.snakeyaml;
  requires static redis.clients.jedis;

  exports dev.penstock;
  exports dev.penstock.admin;
  exports dev.penstock.config;
  exports dev.penstock.http;
  exports dev.penstock.jwt;
  exports dev.penstock.memory;
  exports dev.penstock.metrics;
  exports dev.penstock.redis;
}

/** The limiter, its stores, and the HTTP pipeline that every adapter shares. */
module dev.penstock {
  requires static org.jspecify;

  exports dev.penstock;
  exports dev.penstock.http;
  exports dev.penstock.memory;
  exports dev.penstock.metrics;
}

/** The limiter, its stores, and the HTTP pipeline that every adapter shares. */
// jjwt ships no module descriptor and no Automatic-Module-Name, so its name follows its jar's.
@SuppressWarnings("requires-automatic")
module dev.penstock {
  requires static com.fasterxml.jackson.databind;
  requires static jjwt.api;
  requires static org.jspecify;

  exports dev.penstock;
  exports dev.penstock.http;
  exports dev.penstock.jwt;
  exports dev.penstock.memory;
  exports dev.penstock.metrics;
}

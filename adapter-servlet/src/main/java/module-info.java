/** Penstock for servlet containers, which bring the Servlet API themselves. */
module dev.penstock.servlet {
  requires transitive dev.penstock;
  requires static transitive jakarta.servlet;
  requires static org.jspecify;

  exports dev.penstock.servlet;
}

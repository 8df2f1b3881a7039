/** Penstock for {@code com.sun.net.httpserver}. */
module dev.penstock.jdkhttp {
  requires transitive dev.penstock;
  requires transitive jdk.httpserver;
  requires static org.jspecify;

  exports dev.penstock.jdkhttp;
}

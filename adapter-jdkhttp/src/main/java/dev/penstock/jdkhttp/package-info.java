/** A filter for {@code com.sun.net.httpserver}: it translates, and decides nothing. */
@NullMarked
package dev.penstock.jdkhttp;

import org.jspecify.annotations.NullMarked;

/** A {@code jakarta.servlet.Filter}: it translates, and decides nothing. */
@NullMarked
package dev.penstock.servlet;

import org.jspecify.annotations.NullMarked;

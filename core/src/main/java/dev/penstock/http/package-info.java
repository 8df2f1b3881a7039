/**
 * The way of an HTTP request, written once for all servers: match a rule, find the client, decide,
 * format what is to be answered.
 */
@NullMarked
package dev.penstock.http;

import org.jspecify.annotations.NullMarked;

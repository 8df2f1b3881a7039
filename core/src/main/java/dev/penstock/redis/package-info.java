/**
 * The limiter that shares its buckets through Redis or Valkey: one script, and what happens while
 * the server is away.
 */
@NullMarked
package dev.penstock.redis;

import org.jspecify.annotations.NullMarked;

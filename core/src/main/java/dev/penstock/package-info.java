/**
 * The words of a rate limiter: limits, policies, identities, decisions. Knows no HTTP, no store, no
 * token format, and imports nothing of the other packages.
 */
@NullMarked
package dev.penstock;

import org.jspecify.annotations.NullMarked;

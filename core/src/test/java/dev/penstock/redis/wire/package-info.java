@NullMarked
package dev.penstock.redis.wire;

import org.jspecify.annotations.NullMarked;

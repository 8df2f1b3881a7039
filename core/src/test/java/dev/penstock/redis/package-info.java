@NullMarked
package dev.penstock.redis;

import org.jspecify.annotations.NullMarked;

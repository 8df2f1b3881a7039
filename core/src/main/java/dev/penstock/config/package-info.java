/**
 * Limits that live in a file. {@link dev.penstock.config.ReloadingGate} watches it, and is replaced
 * by what it says while requests flow.
 */
@NullMarked
package dev.penstock.config;

import org.jspecify.annotations.NullMarked;

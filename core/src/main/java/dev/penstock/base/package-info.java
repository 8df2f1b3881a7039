/**
 * What every other package stands on, and no module outside sees. It knows none of them.
 *
 * <p>The words of {@code dev.penstock} keep numbers that only this library reads: hashes, and
 * durations as nanoseconds. Each such word extends a class of this package that holds them ({@link
 * dev.penstock.base.IdentityHashes}, {@link dev.penstock.base.NumberedName}, {@link
 * dev.penstock.base.RefillNanos}), and {@link dev.penstock.base.Inside} reads them. So they are on
 * nobody's public face, and reading one is reading a field.
 *
 * <p>Beside them: the hash itself ({@link dev.penstock.base.KeyedHash}), a log that no flood of
 * events floods ({@link dev.penstock.base.BoundedLog}), strings of JSON ({@link
 * dev.penstock.base.JsonStrings}), what is waited for by a thread or by a future ({@link
 * dev.penstock.base.Awaited}) and what is done later ({@link dev.penstock.base.Timer}), the way to
 * Flight Recorder ({@link dev.penstock.base.FlightRecorder}), and the check for libraries that an
 * application may do without ({@link dev.penstock.base.OptionalLibrary}).
 */
@NullMarked
package dev.penstock.base;

import org.jspecify.annotations.NullMarked;

/**
 * The buckets of a process: the arithmetic of each kind of limit, where buckets are kept, and how a
 * decision takes from several at once. Public for its neighbours; no module outside sees it.
 *
 * <p>Two words: a token bucket's <em>level</em> is how far from full it is, in nanoseconds; its
 * <em>word</em> is all that is kept of it, the time at which it is full and the number of the time
 * to fill under which it was written.
 *
 * <p>To read: {@link dev.penstock.bucket.Gcra}, the arithmetic, pure functions of level and cost,
 * and {@code BucketWord}, which keeps a level as a word; {@code SlotWord} is the same for slots in
 * flight, and {@code WindowWord} for windows of time, whose arithmetic is {@code WindowUse}: what
 * is out of the ordinary there is decided by {@code ChargedWindow}, all else by {@code
 * WindowsInPlace}. Then {@link dev.penstock.bucket.Buckets}, the way in: a decision over one bucket
 * stands there, over several in {@code AllOrNothing}, which goes on {@code atLength} with a {@code
 * BucketPart} for each where one is absent, and for reservations; {@link
 * dev.penstock.bucket.Trial}, what is decided in shadow besides. What a reservation has is a {@code
 * ReservedPart} of each: of tokens a {@code ReservedBucket}, and how much of it may go back says
 * {@link dev.penstock.bucket.Taken}; of slots a {@link dev.penstock.bucket.SlotHolder}, of which
 * {@link dev.penstock.bucket.SlotHolders} gives back what nobody does. {@link
 * dev.penstock.bucket.OpenReservation} is the same for every store. Who waits has an {@code
 * AwaitedReservation}, and stands in {@code WaitLines} for tokens, in {@code SlotQueue} for slots.
 * {@code BucketStore} says what an absent bucket holds, and who shares an overflow bucket; {@link
 * dev.penstock.bucket.Rooms}, how full the store may be for whom. Below it {@code BucketTable}, a
 * directory of {@code BucketArray}s: the lock-free part, with its states and transitions.
 */
@NullMarked
package dev.penstock.bucket;

import org.jspecify.annotations.NullMarked;

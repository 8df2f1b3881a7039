/**
 * The adapter for {@code com.sun.net.httpserver}: it translates, and decides nothing. {@link
 * dev.penstock.jdkhttp.RateLimitFilter} guards a context, {@link
 * dev.penstock.jdkhttp.LimitedHandler} a handler that wants to see the verdict.
 *
 * <p>{@code ExchangeView} shows an exchange as a request. {@code RejectedExchange} writes a
 * rejection and takes what content comes, within a {@code Deadline}; {@code WaitingThreads} bounds
 * how many of the server's threads do so at once.
 *
 * <p>{@code ResponseWatch} finds out when a permitted response has ended that holds slots; {@code
 * WatchedExchange} and {@code WatchedStream} are what the handler has in hand meanwhile.
 *
 * <p>{@link dev.penstock.jdkhttp.AdminHandler} serves what an operator sees and does.
 */
@NullMarked
package dev.penstock.jdkhttp;

import org.jspecify.annotations.NullMarked;

/**
 * The adapter for servlet containers: it translates, and decides nothing. {@link
 * dev.penstock.servlet.RateLimitFilter} is a {@code jakarta.servlet.Filter}, made in code or
 * declared in {@code web.xml}, where {@code DeclaredGate} finds its gate.
 *
 * <p>A response whose end matters goes through {@code Watch}: read there first what ends it, and
 * what says that its client is gone. {@code WatchedRequest} and {@code WatchedAsync} see what goes
 * on after a handler has returned, {@code WatchedResponse} with {@code WatchedStream} and {@code
 * WatchedWriter} what can no longer be written.
 *
 * <p>{@code ServletView} shows a request. {@code RejectedRequest} sees to the content of one that
 * is rejected, {@code RejectedAnswer} writes what it is told, without blocking where the container
 * can.
 *
 * <p>{@link dev.penstock.servlet.AdminServlet} serves what an operator sees and does.
 */
@NullMarked
package dev.penstock.servlet;

import org.jspecify.annotations.NullMarked;

/**
 * The adapter for servlet containers: it translates, and decides nothing. {@link
 * dev.penstock.servlet.RateLimitFilter} is a {@code jakarta.servlet.Filter}, made in code or
 * declared in {@code web.xml}, where {@code DeclaredGate} finds its gate.
 *
 * <p>{@code ServletView} shows a request. {@code RejectedRequest} sees to the content of one that
 * is rejected, {@code RejectedAnswer} writes what it is told, without blocking where the container
 * can.
 */
@NullMarked
package dev.penstock.servlet;

import org.jspecify.annotations.NullMarked;

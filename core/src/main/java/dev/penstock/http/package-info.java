/**
 * The way of an HTTP request, written once for all servers. An adapter shows the request as a
 * {@link dev.penstock.http.RequestView} to a {@link dev.penstock.http.Gate}, and does what the
 * {@link dev.penstock.http.Verdict} says.
 *
 * <p>Start with {@link dev.penstock.http.HttpRateLimiter}: its {@code decide} is the whole way, and
 * asks in turn
 *
 * <ol>
 *   <li>{@code Rules} what is to be paid: {@code RequestPath} is a {@code PlainPath}, which all
 *       servers read alike and a {@link dev.penstock.http.RequestPattern} matches, or an {@code
 *       OddPath}, of which only words are known;
 *   <li>{@code Exemptions} who pays nothing;
 *   <li>the resolver who it is: {@code dev.penstock.jwt}, {@link dev.penstock.http.ServerUser},
 *       {@link dev.penstock.http.ApiKeys}, or {@link dev.penstock.http.ClientAddress}, which reads
 *       {@code ForwardingHeader}s from the right;
 *   <li>{@code Charges} to take it, in as few decisions as there can be: what was {@code Paid} is a
 *       reservation, which the application settles, or {@link dev.penstock.http.RequestCost} by the
 *       response;
 *   <li>{@link dev.penstock.http.ResponseStyle} for what is written: {@code QuotaFields} by {@code
 *       RateLimitFields} or {@code LegacyFields}, {@code RetryTimes}, and {@code Problems} by
 *       {@code ProblemBody}.
 * </ol>
 */
@NullMarked
package dev.penstock.http;

import org.jspecify.annotations.NullMarked;

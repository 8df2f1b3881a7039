/**
 * What an operator sees of a running gate, and may do to it: JSON, and a status page that shows it.
 * Off unless somebody serves it, on a port of its own.
 *
 * <p>Start with {@link dev.penstock.admin.Admin}: its {@code answer} is all there is, and an
 * adapter writes what it returns. It asks in turn
 *
 * <ol>
 *   <li>{@code PageFiles} for the page, which holds no data and so needs no token;
 *   <li>{@code Guard} for the {@link dev.penstock.admin.AdminToken}, of which each address may get
 *       so many wrong;
 *   <li>{@code Views} for what is only looked at: {@code KnownPolicies}, and what is counted, as
 *       {@code Counts} finds it;
 *   <li>{@code Actions} for what concerns one identity or changes something, by {@code Parameters}
 *       that stand in the content and never in the URL. Each that is not refused is a line of the
 *       log.
 * </ol>
 *
 * <p>Whatever is in the way is a {@code Refusal}.
 */
@NullMarked
package dev.penstock.admin;

import org.jspecify.annotations.NullMarked;

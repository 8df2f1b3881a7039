/**
 * What real clients make of a rejection: how often they come, after how long, and what their caller
 * sees in the end.
 *
 * <p>The data of {@link ClientsTest} is a table of {@code docs/clients.md}, which people read: a
 * line of it says that a {@link JavaClient}, when it is {@link Told} this, comes at these seconds
 * of the {@link ServerClock}. Each client is called in a file of its own, as its documentation
 * says; {@link GuardedServer} is what it calls.
 *
 * <p>Clients that let somebody else wait for them move the server's clock, and nobody waits. Of the
 * others only a least time is stated, so that a busy machine makes no difference.
 */
@NullMarked
package dev.penstock.clients;

import org.jspecify.annotations.NullMarked;

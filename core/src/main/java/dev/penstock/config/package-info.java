/**
 * Limits that live in a file: YAML or JSON that an operator writes, in place of code. Start with
 * {@link dev.penstock.config.PenstockConfig}; {@link dev.penstock.config.CheckConfig} says what is
 * wrong with a file without starting anything, and {@link dev.penstock.config.ReloadingGate}
 * watches one, and is replaced by what it says while requests flow.
 *
 * <p>The way of a file, all of whose faults are gathered by {@code Faults} on it:
 *
 * <ol>
 *   <li>{@code FileContent} reads it, {@code PolicyText} decodes it;
 *   <li>{@code JsonTree} or {@code YamlTree} grow a {@code Tree} of {@code Node}s, each of which
 *       knows its place ({@code Where});
 *   <li>{@code PolicyFile} asks for what it knows, each {@code Section} by its names: {@code
 *       Plans}, {@code Policies} of {@code LimitSection}s, {@code RuleSection}, {@code JwtSection}
 *       and the others hand the values to the builders, whose complaints become faults of the
 *       place;
 *   <li>{@code RuleChecks} looks for what does not go together;
 *   <li>{@code GateParts} makes the gate, as often as there is a limiter to make it for.
 * </ol>
 *
 * <p>{@code Identities} says who is charged, {@code Plans} by which numbers, {@code IdentityPlans}
 * those of single identities. Whoever shows what is in force gets {@link
 * dev.penstock.config.FilePolicy}s of {@link dev.penstock.config.FileLimit}s, with their lines.
 */
@NullMarked
package dev.penstock.config;

import org.jspecify.annotations.NullMarked;

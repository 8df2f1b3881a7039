package dev.penstock.config;

import dev.penstock.LimitPolicy;
import java.util.List;
import java.util.Objects;

/**
 * A policy as a policy file has it, for whoever shows what is in force. Immutable and thread-safe.
 *
 * @param name what it is called
 * @param line where its name stands, from 1
 * @param limits its limits, and once more in shadow where a rule only tries them
 * @param policy the buckets of all of them
 */
public record FilePolicy(String name, int line, List<FileLimit> limits, LimitPolicy policy) {

  /**
   * Copies the list.
   *
   * @param name what it is called
   * @param line where its name stands
   * @param limits its limits
   * @param policy the buckets of all of them
   */
  public FilePolicy {
    Objects.requireNonNull(name, "name");
    limits = List.copyOf(limits);
    Objects.requireNonNull(policy, "policy");
  }

  static FilePolicy of(NamedPolicy policy, Plans plans) {
    return new FilePolicy(
        policy.name(),
        policy.where().line(),
        policy.limits().stream().map(FileLimit::of).toList(),
        policy.policy(plans));
  }
}

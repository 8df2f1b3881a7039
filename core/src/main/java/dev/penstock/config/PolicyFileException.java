package dev.penstock.config;

import java.util.List;
import java.util.stream.Collectors;

/** Refuses a policy file, with everything that is wrong in it. */
public final class PolicyFileException extends IllegalArgumentException {

  private static final long serialVersionUID = 1;

  private final transient List<PolicyFault> faults;

  PolicyFileException(List<PolicyFault> faults) {
    super(faults.stream().map(PolicyFault::toString).collect(Collectors.joining("\n")));
    this.faults = List.copyOf(faults);
  }

  /** {@return what is wrong, at least one fault, in the order of the file} */
  public List<PolicyFault> faults() {
    return faults;
  }
}

package dev.penstock.base;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The events of {@link FlightRecorder}, which says who may reach this class. */
final class FlightEvents {

  @Name("dev.penstock.Denied")
  @Label("Denied")
  @Category("Penstock")
  @Description("A request was denied.")
  @StackTrace(false)
  static final class Denied extends Event {

    @Label("Limits")
    @Description("Those that said no")
    String limits = "";

    @Label("Kind of Identity")
    String kind = "";

    @Label("Source")
    @Description("Who decided")
    String source = "";

    @Label("Never")
    @Description("The cost is above a capacity")
    boolean never;

    @Label("Retry After")
    @Description("Negative where it is not known, or never")
    @Timespan(Timespan.NANOSECONDS)
    long retryAfter;
  }

  @Name("dev.penstock.Decision")
  @Label("Decision")
  @Category("Penstock")
  @Description("One decision in 128, by chance, with the time it took.")
  @StackTrace(false)
  static final class Decided extends Event {

    @Label("Policy")
    String policy = "";

    @Label("Kind of Identity")
    String kind = "";

    @Label("Source")
    @Description("Who decided")
    String source = "";

    @Label("Permitted")
    boolean permitted;

    @Label("Took")
    @Timespan(Timespan.NANOSECONDS)
    long took;
  }

  @Name("dev.penstock.FailoverState")
  @Label("Failover State")
  @Category("Penstock")
  @Description("A shared store is away or back.")
  @StackTrace(false)
  static final class FailoverState extends Event {

    @Label("Store")
    String store = "";

    @Label("Available")
    boolean available;
  }

  @Name("dev.penstock.Reload")
  @Label("Reload")
  @Category("Penstock")
  @Description("A policy file was read again.")
  @StackTrace(false)
  static final class Reload extends Event {

    @Label("File")
    String file = "";

    @Label("Accepted")
    boolean accepted;

    @Label("Faults")
    int faults;
  }

  boolean recordsDenials() {
    return new Denied().isEnabled();
  }

  void denied(String limits, String kind, String source, boolean never, long retryAfterNanos) {
    Denied event = new Denied();
    event.limits = limits;
    event.kind = kind;
    event.source = source;
    event.never = never;
    event.retryAfter = retryAfterNanos;
    event.commit();
  }

  boolean recordsDecisions() {
    return new Decided().isEnabled();
  }

  void decided(String policy, String kind, String source, boolean permitted, long tookNanos) {
    Decided event = new Decided();
    event.policy = policy;
    event.kind = kind;
    event.source = source;
    event.permitted = permitted;
    event.took = tookNanos;
    event.commit();
  }

  void failover(String store, boolean available) {
    FailoverState event = new FailoverState();
    if (event.isEnabled()) {
      event.store = store;
      event.available = available;
      event.commit();
    }
  }

  void reload(String file, boolean accepted, int faults) {
    Reload event = new Reload();
    if (event.isEnabled()) {
      event.file = file;
      event.accepted = accepted;
      event.faults = faults;
      event.commit();
    }
  }
}

package dev.penstock.base;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Writes events, where this process has the module; {@link FlightRecorder} says who reaches it. */
final class FlightEvents extends FlightRecorder {

  /** What one decision was, and never of whom. */
  abstract static class OfDecision extends Event {

    @Label("Kind of Identity")
    String kind = "";

    @Label("Source")
    @Description("Who decided")
    String source = "";
  }

  @Name("dev.penstock.Denied")
  @Label("Denied")
  @Category("Penstock")
  @Description("A request was denied.")
  @StackTrace(false)
  static final class Denied extends OfDecision {

    @Label("Limits")
    @Description("Those that said no")
    String limits = "";

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
  static final class Decided extends OfDecision {

    @Label("Policy")
    String policy = "";

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

  /** To ask whether such events are recorded, which makes no object. */
  private final Denied anyDenied = new Denied();

  private final Decided anyDecided = new Decided();

  @Override
  public boolean recordsDenials() {
    return anyDenied.isEnabled();
  }

  @Override
  public void denied(
      String limits, String kind, String source, boolean never, long retryAfterNanos) {
    Denied event = new Denied();
    event.limits = limits;
    event.never = never;
    event.retryAfter = retryAfterNanos;
    commit(event, kind, source);
  }

  @Override
  public boolean recordsDecisions() {
    return anyDecided.isEnabled();
  }

  @Override
  public void decided(
      String policy, String kind, String source, boolean permitted, long tookNanos) {
    Decided event = new Decided();
    event.policy = policy;
    event.permitted = permitted;
    event.took = tookNanos;
    commit(event, kind, source);
  }

  private static void commit(OfDecision event, String kind, String source) {
    event.kind = kind;
    event.source = source;
    event.commit();
  }

  @Override
  public void failover(String store, boolean available) {
    FailoverState event = new FailoverState();
    event.store = store;
    event.available = available;
    event.commit();
  }

  @Override
  public void reload(String file, boolean accepted, int faults) {
    Reload event = new Reload();
    event.file = file;
    event.accepted = accepted;
    event.faults = faults;
    event.commit();
  }
}

package dev.penstock.http;

import dev.penstock.Identity;
import dev.penstock.Limit;
import dev.penstock.LimitPolicy;
import dev.penstock.Partition;
import dev.penstock.PartitionedLimit;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** What the application's own code may do instead of what it is asked for. */
enum UserCode {
  EXCEPTION {
    @Override
    void fail() {
      throw new IllegalStateException("a plan that is not there");
    }
  },
  CHECKED_EXCEPTION {
    @Override
    void fail() {
      throw UserCode.<RuntimeException>unchecked(new java.io.IOException("undeclared"));
    }
  },
  INTERRUPTED {
    @Override
    void fail() {
      throw UserCode.<RuntimeException>unchecked(new InterruptedException("undeclared"));
    }
  },
  ASSERTION {
    @Override
    void fail() {
      throw new AssertionError("never");
    }
  },
  MISSING_CLASS {
    @Override
    void fail() {
      throw new NoClassDefFoundError("com/example/Plan");
    }
  },
  STACK_OVERFLOW {
    @Override
    @SuppressWarnings("InfiniteRecursion")
    void fail() {
      fail();
    }
  },
  OUT_OF_MEMORY {
    @Override
    void fail() {
      throw new OutOfMemoryError("as an array of the largest size has it");
    }
  };

  abstract void fail();

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Kotlin and Lombok do
  private static <T extends Throwable> T unchecked(Throwable checked) throws T {
    throw (T) checked;
  }

  /** A policy that is in order when the gate is built, and fails when requests come. */
  static final class Policy implements LimitPolicy {

    static final LimitPolicy ORDERLY = LimitPolicy.perIdentity("agent-runs", Limit.perMinute(1));

    private final AtomicBoolean built = new AtomicBoolean();
    private final LimitPolicy failing;

    private Policy(LimitPolicy failing) {
      this.failing = failing;
    }

    static Policy failing(UserCode code) {
      return new Policy(
          identity -> {
            code.fail();
            return List.of();
          });
    }

    @SuppressWarnings("NullAway") // null is what is tested
    static List<Policy> misnaming() {
      PartitionedLimit limit =
          new PartitionedLimit("agent-runs", Limit.perMinute(1), Partition.IDENTITY);
      return List.of(
          returning(null),
          returning(List.of()),
          returning(Arrays.asList(limit, null)),
          returning(List.of(limit, limit)));
    }

    @SuppressWarnings("NullAway") // null is what is tested
    static Policy returning(@Nullable List<PartitionedLimit> limits) {
      return new Policy(identity -> limits);
    }

    void gateIsBuilt() {
      built.set(true);
    }

    @Override
    public List<PartitionedLimit> limits(Identity identity) {
      return (built.get() ? failing : ORDERLY).limits(identity);
    }
  }
}

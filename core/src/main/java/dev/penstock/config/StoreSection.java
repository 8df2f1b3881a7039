package dev.penstock.config;

import dev.penstock.FailoverMode;
import dev.penstock.RateLimiter;
import dev.penstock.memory.InMemoryRateLimiter;
import dev.penstock.memory.InMemoryRateLimiterBuilder;
import dev.penstock.redis.RedisRateLimiter;
import dev.penstock.redis.RedisRateLimiterBuilder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Reads where the buckets live. */
final class StoreSection {

  static final String[] KNOWN = {
    "url",
    "instances",
    "prefix",
    "timeout",
    "slotLife",
    "cheapDenials",
    "failover",
    "oneSlot",
    "hideNames"
  };

  private final Section section;
  private final Reference references;
  private final Faults faults;

  private StoreSection(Section section, Reference references, Faults faults) {
    this.section = section;
    this.references = references;
    this.faults = faults;
  }

  /** {@return what makes a limiter in this process} */
  static Supplier<RateLimiter> memory(OptionalLong maxBuckets, Where where, Faults faults) {
    InMemoryRateLimiterBuilder builder = InMemoryRateLimiter.builder();
    if (maxBuckets.isPresent()) {
      faults.attempt(where, () -> builder.maxBuckets(Numbers.asInt(maxBuckets.getAsLong())));
    }
    return builder::build;
  }

  /** {@return what makes a limiter on Redis; empty where it was refused} */
  static Optional<Supplier<RateLimiter>> redis(
      Section section, OptionalLong maxBuckets, Where where, Reference references, Faults faults) {
    return new StoreSection(section, references, faults)
        .redis()
        .map(
            builder -> {
              if (maxBuckets.isPresent()) {
                faults.attempt(
                    where, () -> builder.maxBuckets(Numbers.asInt(maxBuckets.getAsLong())));
              }
              return builder::build;
            });
  }

  private Optional<RedisRateLimiterBuilder> redis() {
    if (!section.has("url")) {
      faults.add(section.where(), "must have url, a reference such as env:REDIS_URL");
    }
    // The other members are judged, whatever the URL.
    Optional<RedisRateLimiterBuilder> judged =
        faults.attempt(section.where(), () -> RedisRateLimiter.builder("redis://localhost"));
    if (judged.isEmpty()) {
      return judged;
    }
    Optional<RedisRateLimiterBuilder> found =
        references
            .value(section, "url")
            .flatMap(
                url -> faults.attempt(section.where("url"), () -> RedisRateLimiter.builder(url)));
    set(found.orElse(judged.get()));
    return found;
  }

  private void set(RedisRateLimiterBuilder builder) {
    OptionalLong instances = section.whole("instances");
    if (instances.isPresent()) {
      set("instances", () -> builder.instances(Numbers.asInt(instances.getAsLong())));
    }
    section.text("prefix").ifPresent(prefix -> set("prefix", () -> builder.prefix(prefix)));
    section.period("timeout").ifPresent(time -> set("timeout", () -> builder.timeout(time)));
    section.period("slotLife").ifPresent(life -> set("slotLife", () -> builder.slotLife(life)));
    section
        .period("cheapDenials")
        .ifPresent(time -> set("cheapDenials", () -> builder.cheapDenials(time)));
    section.choice("failover", Words.of(FailoverMode.class)).ifPresent(builder::failover);
    if (section.isTrue("oneSlot")) {
      builder.oneSlot();
    }
    references
        .value(section, "hideNames")
        .ifPresent(
            secret ->
                set("hideNames", () -> builder.hideNames(secret.getBytes(StandardCharsets.UTF_8))));
  }

  private void set(String name, Supplier<RedisRateLimiterBuilder> setter) {
    faults.attempt(section.where(name), setter);
  }
}

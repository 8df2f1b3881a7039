#!/usr/bin/env bash
# Software: RRateLimiter of Redisson 4.7.0 and Bucket4j 8.17.0 on Jedis 8.0.2 (Maven), defaults, on a local Redis 7.0
#   (Debian), each asked by two instances for 20 s; one limit of 10 in 5 s for both.
# Guess: the limit is one limit for all instances, whatever their clocks say, as Redis has a clock.
# Seen: both go by the caller's clock. With the clock of one instance 6 s ahead (libfaketime), Redisson lets through 75
#   to 90 instead of 40: to the one ahead all that the other was permitted is long gone, so each has the whole limit to
#   itself for as long as the clocks differ. Bucket4j lets through some ten more, once, and the instance ahead gets
#   twice as much as the other. Redisson's keys have no expiry: whoever has asked once stays in Redis.
# Means: two instances whose clocks differ by more than the interval have a Redisson limit each. Watch the clocks, or
#   let the server's decide, as its TIME in a script does; give trySetRate a time to live.
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2> /dev/null || true
    wait "$pid" 2> /dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
for package in redis-server faketime; do
  command -v "$package" > /dev/null || apt-get install -y -qq --no-install-recommends "$package" > /dev/null
done
faketime=$(find /usr/lib -name libfaketimeMT.so.1 | head -n 1)
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>org.redisson</groupId><artifactId>redisson</artifactId><version>4.7.0</version></dependency>
<dependency><groupId>com.bucket4j</groupId><artifactId>bucket4j_jdk17-jedis</artifactId><version>8.17.0</version></dependency>
<dependency><groupId>redis.clients</groupId><artifactId>jedis</artifactId><version>8.0.2</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-nop</artifactId><version>2.0.17</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib
cat > Instance.java <<'JAVA'
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.serialization.Mapper;
import io.github.bucket4j.redis.jedis.Bucket4jJedis;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.redisson.Redisson;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.config.Config;
import redis.clients.jedis.RedisClient;

/** Asks steadily for 20 s from when it is told, and says how often it was permitted. */
public class Instance {
  static BooleanSupplier limiter(String library, int port, String name) {
    if (library.equals("redisson")) {
      Config config = new Config();
      config.useSingleServer().setAddress("redis://127.0.0.1:" + port);
      RRateLimiter limiter = Redisson.create(config).getRateLimiter(name);
      limiter.trySetRate(RateType.OVERALL, 10, Duration.ofSeconds(5));
      return limiter::tryAcquire;
    }
    BucketProxy bucket = Bucket4jJedis.casBasedBuilder(RedisClient.create("127.0.0.1", port))
        .expirationAfterWrite(ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(Duration.ofMinutes(1)))
        .keyMapper(Mapper.STRING).build().builder()
        .build(name, () -> BucketConfiguration.builder()
            .addLimit(l -> l.capacity(10).refillGreedy(10, Duration.ofSeconds(5))).build());
    return () -> bucket.tryConsume(1);
  }

  public static void main(String[] args) throws Exception {
    BooleanSupplier limiter = limiter(args[0], Integer.parseInt(args[1]), args[2]);
    System.out.println("ready");
    System.in.read();
    int permitted = 0;
    for (long began = System.nanoTime(); System.nanoTime() - began < 20_000_000_000L; Thread.sleep(20)) {
      permitted += limiter.getAsBoolean() ? 1 : 0;
    }
    System.out.println(permitted);
    System.exit(0);
  }
}
JAVA
mkdir classes
javac -d classes -cp 'lib/*' Instance.java
port=$((20000 + RANDOM % 10000))
redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$work" > redis.log &
pids+=($!)

# Starts an instance that waits for a line; its clock is so far ahead.
instance() {
  local out=$1 library=$2 name=$3 ahead=$4
  mkfifo "$out.go"
  if [ "$ahead" = 0 ]; then
    java -cp 'classes:lib/*' Instance "$library" "$port" "$name" < "$out.go" > "$out" 2>> java.log &
  else
    LD_PRELOAD=$faketime FAKETIME=+${ahead}s DONT_FAKE_MONOTONIC=1 \
      java -cp 'classes:lib/*' Instance "$library" "$port" "$name" < "$out.go" > "$out" 2>> java.log &
  fi
  pids+=($!)
}

# Has two instances of a library ask at once, and sets how often each was permitted.
both() {
  local library=$1 ahead=$2 name=$1-$2
  instance "$name.other" "$library" "$name" 0
  local other=$!
  instance "$name.ahead" "$library" "$name" "$ahead"
  local first=$!
  exec 3> "$name.other.go" 4> "$name.ahead.go"
  for _ in $(seq 600); do
    [ "$(cat "$name".*[rd] | grep -c ready)" = 2 ] && break
    sleep 0.1
  done
  echo >&3
  echo >&4
  wait "$other" "$first"
  exec 3>&- 4>&-
  of_other=$(tail -n 1 "$name.other")
  of_ahead=$(tail -n 1 "$name.ahead")
  echo "$library, one clock $ahead s ahead: $of_ahead by that instance, $of_other by the other"
}

seen=yes
within() {
  if [ "$1" -lt "$2" ] || [ "$1" -gt "$3" ]; then
    seen=no
  fi
}
both redisson 0
within $((of_ahead + of_other)) 36 50
both redisson 6
within "$of_ahead" 30 60
within "$of_other" 30 60
for key in redisson-6 '{redisson-6}:value' '{redisson-6}:permits'; do
  echo "$key lives for $(redis-cli -p "$port" ttl "$key")"
  within "$(redis-cli -p "$port" ttl "$key")" -1 -1
done
both bucket4j 0
within $((of_ahead + of_other)) 44 53
both bucket4j 6
within $((of_ahead + of_other)) 54 70
[ "$seen" = yes ] || { echo CHANGED; tail -n 5 java.log; exit 1; }

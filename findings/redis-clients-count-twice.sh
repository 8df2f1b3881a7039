#!/usr/bin/env bash
# Software: ioredis 6.0.0 and node-redis 6.3.1 (npm), Lettuce 7.7.0, Jedis 8.0.2 and Redisson 4.7.0 (Maven),
#   defaults, on a local Redis 7.0 (Debian) through a small proxy that cuts a connection after the server has run
#   the command.
# Guess: a command whose answer is lost fails; one that its caller has given up is not executed.
# Seen: ioredis and Lettuce send the INCR again after the reconnect: the caller sees 2, and has been counted twice.
#   node-redis and Jedis fail at once, Redisson after 3 s; these count once. While Redis is gone all but Jedis keep
#   what is asked in a queue: five calls that were given up after 300 ms are all executed once it is back.
# Means: a fleet's counters jump when Redis comes back, by requests that were answered long ago. Put an id into the
#   script, or set at-most-once and no queue: Lettuce's autoReconnect and disconnectedBehavior, ioredis's
#   autoResendUnfulfilledCommands and enableOfflineQueue, node-redis's disableOfflineQueue. A caller's timeout must
#   cancel the command.
set -euo pipefail
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
cd "$work"
command -v redis-server > /dev/null || apt-get install -y -qq --no-install-recommends redis-server > /dev/null
redis-server --version | cut -d' ' -f1-3
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund ioredis@6.0.0 redis@6.3.1
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>io.lettuce</groupId><artifactId>lettuce-core</artifactId>
<version>7.7.0.RELEASE</version></dependency>
<dependency><groupId>redis.clients</groupId><artifactId>jedis</artifactId><version>8.0.2</version></dependency>
<dependency><groupId>org.redisson</groupId><artifactId>redisson</artifactId><version>4.7.0</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib
redis_port=$(node -e \
  's=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})')
redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no --dir "$work" > redis.log &
pids+=($!)

# The proxy; its three words are methods here, and lines on the input of its own process: lose the answer of the next
# INCR, go away, come back.
cat > common.mjs <<'JS'
import net from 'node:net';

export async function proxy(redisPort) {
  const open = new Set();
  let losing = false;
  const server = net.createServer(client => {
    client.on('error', () => {});
    open.add(client);
    const upstream = net.connect(redisPort, '127.0.0.1');
    let cut = false;
    client.on('data', bytes => {
      if (losing && bytes.toString('latin1').toUpperCase().includes('INCR')) {
        losing = false;
        cut = true;
      }
      upstream.write(bytes);
    });
    upstream.on('data', bytes => {
      if (cut) {
        client.destroy();
      } else {
        client.write(bytes);
      }
    });
    upstream.on('error', () => {});
    upstream.on('close', () => client.destroy());
    client.on('close', () => { open.delete(client); upstream.destroy(); });
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const {port} = server.address();
  return {
    port,
    lose() { losing = true; },
    down() { server.close(); open.forEach(client => client.destroy()); },
    up() { server.listen(port, '127.0.0.1'); },
  };
}
JS
cat > proxy.mjs <<'JS'
import readline from 'node:readline';
import {proxy} from './common.mjs';

const between = await proxy(Number(process.argv[2]));
console.log(between.port);
for await (const line of readline.createInterface({input: process.stdin})) {
  between[line]();
  console.log('done');
}
process.exit(0);
JS
cat > seen.mjs <<'JS'
import Redis from 'ioredis';
import {createClient} from 'redis';
import {proxy} from './common.mjs';

const redisPort = Number(process.argv[2]);
const pause = ms => new Promise(done => setTimeout(done, ms));
const direct = new Redis(redisPort, '127.0.0.1');
let changed = false;

async function watch(name, connect, countedOnLoss, countedWhenBack) {
  const between = await proxy(redisPort);
  const client = await connect(between.port);
  await client.ping();
  between.lose();
  const answer = await Promise.race([client.incr(`${name}:lost`).catch(() => 'an error'), pause(5_000)]);
  const onLoss = Number(await direct.get(`${name}:lost`));
  between.down();
  await pause(100);
  const given = () => pause(300).then(() => 'given up');
  const ends = await Promise.all(Array.from({length: 5}, () =>
      Promise.race([client.incr(`${name}:queued`).catch(() => 'an error'), given()])));
  const whileDown = Number(await direct.get(`${name}:queued`));
  between.up();
  await pause(3_000);
  const back = Number(await direct.get(`${name}:queued`));
  const asSeen = onLoss === countedOnLoss && whileDown === 0 && back === countedWhenBack
      && (countedOnLoss === 1) === (answer === 'an error');
  changed ||= !asSeen;
  console.log(`${name}: answer lost: caller sees ${answer}, counted ${onLoss};`,
      `Redis gone: callers see ${new Set(ends).values().next().value}, counted when back ${back}`,
      asSeen ? '' : '  CHANGED');
}

await watch('ioredis', async port => {
  const client = new Redis(port, '127.0.0.1');
  client.on('error', () => {});
  return client;
}, 2, 5);
await watch('node-redis', async port => {
  const client = createClient({url: `redis://127.0.0.1:${port}`});
  client.on('error', () => {});
  return client.connect();
}, 1, 5);
process.exit(changed ? 1 : 0);
JS
cat > Seen.java <<'JAVA'
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

public class Seen {
  interface Counter {
    CompletionStage<Long> increment(String key);
  }

  static int redisPort;
  static BufferedReader said;
  static PrintStream rule;
  static boolean changed;

  static void proxy(String word) throws Exception {
    rule.println(word);
    said.readLine();
  }

  static int counted(String key) throws Exception {
    try (var socket = new Socket("127.0.0.1", redisPort)) {
      socket.getOutputStream().write(("GET " + key + "\r\n").getBytes());
      var in = new BufferedReader(new InputStreamReader(socket.getInputStream()));
      return in.readLine().equals("$-1") ? 0 : Integer.parseInt(in.readLine());
    }
  }

  static String end(CompletionStage<Long> call, int millis) throws Exception {
    try {
      return String.valueOf(call.toCompletableFuture().get(millis, TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      return "an error";
    } catch (TimeoutException e) {
      return "given up";
    }
  }

  static void watch(String name, Counter counter, int countedOnLoss, int countedWhenBack) throws Exception {
    end(counter.increment("warm"), 10_000);
    proxy("lose");
    String answer = end(counter.increment(name + ":lost"), 8_000);
    int onLoss = counted(name + ":lost");
    proxy("down");
    Thread.sleep(300);
    var calls = new ArrayList<CompletionStage<Long>>();
    for (int i = 0; i < 5; i++) {
      calls.add(counter.increment(name + ":queued"));
    }
    Thread.sleep(300);
    var ends = new TreeSet<String>();
    for (var call : calls) {
      ends.add(end(call, 1));
    }
    int whileDown = counted(name + ":queued");
    proxy("up");
    Thread.sleep(3_000);
    int back = counted(name + ":queued");
    boolean asSeen = onLoss == countedOnLoss && whileDown == 0 && back == countedWhenBack
        && answer.equals(countedOnLoss == 2 ? "2" : "an error");
    changed |= !asSeen;
    System.out.printf(
        "%s: answer lost: caller sees %s, counted %d; Redis gone: callers see %s, counted when back %d%s%n",
        name, answer, onLoss, ends, back, asSeen ? "" : "   CHANGED");
  }

  static Counter blocking(java.util.function.ToLongFunction<String> increment) {
    return key -> {
      try {
        return CompletableFuture.completedFuture(increment.applyAsLong(key));
      } catch (RuntimeException e) {
        return CompletableFuture.failedFuture(e);
      }
    };
  }

  public static void main(String[] args) throws Exception {
    redisPort = Integer.parseInt(args[0]);
    var process = new ProcessBuilder("node", "proxy.mjs", args[0])
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    said = new BufferedReader(new InputStreamReader(process.getInputStream()));
    rule = new PrintStream(process.getOutputStream(), true);
    String uri = "redis://127.0.0.1:" + said.readLine();

    var lettuce = io.lettuce.core.RedisClient.create(uri).connect();
    watch("lettuce", key -> lettuce.async().incr(key), 2, 5);
    var jedis = redis.clients.jedis.RedisClient.create(uri);
    watch("jedis", blocking(jedis::incr), 1, 0);
    var config = new org.redisson.config.Config();
    config.useSingleServer().setAddress(uri).setConnectionMinimumIdleSize(1).setConnectionPoolSize(2)
        .setSubscriptionConnectionMinimumIdleSize(1);
    var redisson = org.redisson.Redisson.create(config);
    watch("redisson", key -> redisson.getAtomicLong(key).incrementAndGetAsync(), 1, 5);
    process.getOutputStream().close();
    process.waitFor();
    System.exit(changed ? 1 : 0);
  }
}
JAVA
result=0
node seen.mjs "$redis_port" &
node_pid=$!
pids+=("$node_pid")
java -cp 'lib/*' Seen.java "$redis_port" 2> java.log || { result=1; grep -v '^\s*at ' java.log | tail -n 20; }
wait "$node_pid" || result=1
exit "$result"

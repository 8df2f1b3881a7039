#!/usr/bin/env bash
# Software: OpenTelemetry's exporters of spans over HTTP, nothing configured: npm
#   @opentelemetry/exporter-trace-otlp-http 0.301.0 and Maven io.opentelemetry:opentelemetry-exporter-otlp 1.68.0.
# Guess: a batch that meets a 429 waits for Retry-After and is sent then.
# Seen: an export has ten seconds in all. Retry-After 90: JavaScript gives the batch up at once, Java holds it for
#   ten seconds in which nothing can happen, then gives it up; either way one request and the spans are lost.
#   Retry-After 2: four or five requests, each after two seconds, then lost as well.
# Means: in front of a collector a Retry-After of ten seconds or more is an order to throw data away. Keep it to one
#   or two seconds there, by a limit that refills bit by bit, or have callers raise the exporter's timeout.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund @opentelemetry/exporter-trace-otlp-http@0.301.0
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-exporter-otlp</artifactId>
<version>1.68.0</version></dependency>
<dependency><groupId>io.opentelemetry</groupId><artifactId>opentelemetry-sdk</artifactId>
<version>1.68.0</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Export.java <<'JAVA'
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.concurrent.TimeUnit;

public class Export {
  public static void main(String[] args) {
    var exporter = OtlpHttpSpanExporter.builder().setEndpoint(args[0] + "/v1/traces").build();
    var tracers = SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
    long start = System.nanoTime();
    tracers.get("seen").spanBuilder("one").startSpan().end();
    var flushed = tracers.forceFlush().join(25, TimeUnit.SECONDS);
    System.out.printf("{\"lost\":%b,\"ms\":%d}%n", flushed.isDone() && !flushed.isSuccess(),
        (System.nanoTime() - start) / 1_000_000);
    System.exit(0);
  }
}
JAVA
javac -cp 'lib/*' -d . Export.java
cat > seen.mjs <<'JS'
import {spawn} from 'node:child_process';
import http from 'node:http';
import {OTLPTraceExporter} from '@opentelemetry/exporter-trace-otlp-http';

let changed = false;

async function watch(name, retryAfter, exportOnce, asSeen) {
  let requests = 0;
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      requests++;
      response.writeHead(429, {'retry-after': retryAfter}).end();
    });
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const end = await exportOnce(`http://127.0.0.1:${server.address().port}`);
  server.closeAllConnections();
  server.close();
  const fine = end.lost && asSeen(requests, end.ms);
  changed ||= !fine;
  console.log(`${name}, Retry-After ${retryAfter}: ${requests} requests, ${end.lost ? 'lost' : 'not lost'} after`,
      (end.ms / 1000).toFixed(1), 's', fine ? '' : '  CHANGED');
}

async function javascript(base) {
  const start = performance.now();
  const result = await new Promise(done => new OTLPTraceExporter({url: `${base}/v1/traces`}).export([], done));
  return {lost: result.code !== 0, ms: performance.now() - start};
}

const java = base => new Promise(done => {
  const child = spawn('java', ['-cp', 'lib/*:.', 'Export', base],
      {stdio: ['ignore', 'pipe', 'ignore'], timeout: 50_000});
  let text = '';
  child.stdout.on('data', part => { text += part; });
  child.on('close', () => done(JSON.parse(text)));
});

await Promise.all([
  watch('JavaScript', '90', javascript, (n, ms) => n === 1 && ms < 9_000),
  watch('Java', '90', java, (n, ms) => n === 1 && ms > 8_000 && ms < 40_000),
  watch('JavaScript', '2', javascript, (n, ms) => n >= 3 && n <= 6 && ms < 30_000),
  watch('Java', '2', java, (n, ms) => n >= 2 && n <= 6 && ms < 40_000),
]);
process.exit(changed ? 1 : 0);
JS
node seen.mjs

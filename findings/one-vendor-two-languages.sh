#!/usr/bin/env bash
# Software: the SDKs of two vendors in JavaScript and in Java, nothing configured: @aws-sdk/client-sqs 3.1175.0 and
#   software.amazon.awssdk:sqs 2.59.1, @google/genai 3.3.0 and com.google.genai:google-genai 2.3.0.
# Guess: one vendor's SDKs treat one 429 alike, so what was tried with one holds for the other.
# Seen: AWS: both send a POST three times. JavaScript reads Retry-After and cuts it: 30 becomes some five to seven
#   seconds, 1 is one second; Java does not read it, and is back within a second or two. Google: JavaScript sends it
#   once, Java five times over half a minute or so, not reading the field (3 here) either.
# Means: gateways in front of such APIs cannot count on Retry-After, nor say what "the SDK" does without its
#   language. The repeats of a denied call arrive while it is still denied: they must be cheap and must cost
#   nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund @aws-sdk/client-sqs@3.1175.0 @google/genai@3.3.0
cat > pom.xml <<'POM'
<project><modelVersion>4.0.0</modelVersion><groupId>seen</groupId><artifactId>seen</artifactId><version>1</version>
<dependencies>
<dependency><groupId>software.amazon.awssdk</groupId><artifactId>sqs</artifactId><version>2.59.1</version></dependency>
<dependency><groupId>com.google.genai</groupId><artifactId>google-genai</artifactId>
<version>2.3.0</version></dependency>
</dependencies></project>
POM
mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy-dependencies -DoutputDirectory=lib

cat > Calls.java <<'JAVA'
import com.google.genai.Client;
import com.google.genai.types.HttpOptions;
import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.sqs.SqsClient;

public class Calls {
  public static void main(String[] args) {
    String base = args[1];
    try {
      if (args[0].equals("aws")) {
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("id", "none"));
        SqsClient.builder().endpointOverride(URI.create(base)).region(Region.US_EAST_1).credentialsProvider(credentials)
            .build().sendMessage(message -> message.queueUrl(base + "/1/queue").messageBody("hello"));
      } else {
        var options = HttpOptions.builder().baseUrl(base).build();
        Client.builder().apiKey("none").httpOptions(options).build()
            .models.generateContent("some-model", "hello", null);
      }
    } catch (RuntimeException e) {
      System.out.println(e.getClass().getSimpleName());
    }
    System.exit(0);
  }
}
JAVA
javac -cp 'lib/*' -d . Calls.java
cat > seen.mjs <<'JS'
import {spawn} from 'node:child_process';
import http from 'node:http';
import {SendMessageCommand, SQSClient} from '@aws-sdk/client-sqs';
import {GoogleGenAI} from '@google/genai';

let changed = false;

async function watch(name, retryAfter, call, asSeen) {
  const arrivals = [];
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => {
      arrivals.push(performance.now());
      response.writeHead(429, {'content-type': 'application/json', 'retry-after': retryAfter});
      response.end('{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}');
    });
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  await call(`http://127.0.0.1:${server.address().port}`).catch(() => {});
  server.closeAllConnections();
  server.close();
  const pauses = arrivals.slice(1).map((at, i) => (at - arrivals[i]) / 1000);
  const fine = asSeen(pauses);
  changed ||= !fine;
  console.log(`${name}, Retry-After ${retryAfter}: ${arrivals.length} requests, pauses in seconds:`,
      pauses.map(s => s.toFixed(1)).join(' ') || 'none', fine ? '' : '  CHANGED');
}

const java = vendor => base => new Promise(done => {
  const child = spawn('java', ['-cp', 'lib/*:.', 'Calls', vendor, base], {stdio: 'ignore', timeout: 70_000});
  child.on('exit', done);
});
const aws = base => new SQSClient({
  endpoint: base, region: 'us-east-1', credentials: {accessKeyId: 'id', secretAccessKey: 'none'},
}).send(new SendMessageCommand({QueueUrl: `${base}/1/queue`, MessageBody: 'hello'}));
const google = base => new GoogleGenAI({apiKey: 'none', httpOptions: {baseUrl: base}})
    .models.generateContent({model: 'some-model', contents: 'hello'});
const twice = (from, to) => pauses => pauses.length === 2 && pauses.every(s => s >= from && s <= to);

await Promise.all([
  watch('AWS, JavaScript', '30', aws, twice(3, 25)),
  watch('AWS, JavaScript', '1', aws, twice(0.9, 15)),
  watch('AWS, Java', '30', java('aws'), twice(0, 20)),
  watch('Google, JavaScript', '3', google, pauses => pauses.length === 0),
  watch('Google, Java', '3', java('google'), pauses => pauses.length === 4 && Math.min(...pauses) < 2.9),
]);
process.exit(changed ? 1 : 0);
JS
node --no-warnings seen.mjs

#!/usr/bin/env bash
# Software: got 14.6.6, ky 1.14.3, undici 7.30.2 (RetryAgent), axios 1.21.1 with axios-retry 4.5.0, openai 6.49.0 and
#   @anthropic-ai/sdk 1.14.0 on a 429 whose Retry-After is a date three seconds away, as RFC 9110 allows.
# Guess: they come back after three seconds, whatever their own clock says: the response has a Date, too, by which the
#   pause can be reckoned.
# Seen: none of the six looks at Date. With a clock that is a day ahead all of them come back within a second, so a
#   denied client asks again at once; with one that is a day behind none has come back after twelve seconds.
# Means: say Retry-After in seconds, never as a date, and the same for resets in fields of your own; a container whose
#   clock stood still with its host's sleep is otherwise a flood, or silent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v faketime > /dev/null || apt-get install -y -q faketime > /dev/null
FAKETIME_LIBRARY=$(find /usr/lib -name libfaketime.so.1 | head -n 1)
export FAKETIME_LIBRARY
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund got@14.6.6 ky@1.14.3 undici@7.30.2 axios@1.21.1 axios-retry@4.5.0 \
  openai@6.49.0 @anthropic-ai/sdk@1.14.0

cat > client.mjs <<'JS'
const [who, url] = process.argv.slice(2);
const clients = {
  async got() {
    const {got} = await import('got');
    await got(url, {retry: {limit: 1}});
  },
  async ky() {
    const {default: ky} = await import('ky');
    await ky(url, {retry: {limit: 1}, timeout: false});
  },
  async undici() {
    const {Agent, request, RetryAgent} = await import('undici');
    await request(url, {dispatcher: new RetryAgent(new Agent(), {maxRetries: 1})});
  },
  async axios() {
    const {default: axios} = await import('axios');
    const {default: retry} = await import('axios-retry');
    retry(axios, {retries: 1, retryCondition: () => true});
    await axios.get(url);
  },
  async openai() {
    const {default: OpenAI} = await import('openai');
    await new OpenAI({apiKey: 'k', baseURL: url, maxRetries: 1}).models.list();
  },
  async anthropic() {
    const {default: Anthropic} = await import('@anthropic-ai/sdk');
    await new Anthropic({apiKey: 'k', baseURL: url, maxRetries: 1}).models.list();
  },
};
await clients[who]();
process.exit(0);
JS

cat > seen.mjs <<'JS'
import {spawn} from 'node:child_process';
import http from 'node:http';

const PATIENCE = 12;

/** The pause of one client whose clock is off, in seconds; none within the patience is endless. */
async function pause(who, off) {
  const arrivals = [];
  const server = http.createServer((request, response) => {
    arrivals.push(performance.now());
    const status = arrivals.length > 1 ? 200 : 429;
    const later = new Date(Date.now() + 3_500).toUTCString();
    response.writeHead(status, {'content-type': 'application/json', ...(status === 429 && {'retry-after': later})});
    response.end('{"data":[]}');
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const clock = {LD_PRELOAD: process.env.FAKETIME_LIBRARY, FAKETIME: off, FAKETIME_DONT_FAKE_MONOTONIC: '1'};
  const url = `http://127.0.0.1:${server.address().port}/`;
  const client = spawn(process.execPath, ['client.mjs', who, url],
      {env: {...process.env, ...(off && clock)}, stdio: 'ignore'});
  const timer = setTimeout(() => client.kill(), PATIENCE * 1_000);
  await new Promise(done => client.on('exit', done));
  clearTimeout(timer);
  server.closeAllConnections();
  server.close();
  return arrivals.length > 1 ? (arrivals[1] - arrivals[0]) / 1_000 : Infinity;
}

let changed = false;
for (const who of ['got', 'ky', 'undici', 'axios', 'openai', 'anthropic']) {
  const [right, ahead, behind] = await Promise.all(['', '+1d', '-1d'].map(off => pause(who, off)));
  const fine = right > 2 && right < 8 && ahead < 2 && behind === Infinity;
  changed ||= !fine;
  console.log(`${who}: clock right ${right.toFixed(1)} s, a day ahead ${ahead.toFixed(1)} s, a day behind`,
      behind === Infinity ? `none within ${PATIENCE} s` : `${behind.toFixed(1)} s`, fine ? '' : '  CHANGED');
}
process.exit(changed ? 1 : 0);
JS
node seen.mjs

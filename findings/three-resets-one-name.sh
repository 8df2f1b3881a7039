#!/usr/bin/env bash
# Software: express-rate-limit 8.7.5, @fastify/rate-limit 11.2.0, koa-ratelimit 6.0.0 (npm), 2 requests per 3.9
#   seconds.
# Guess: X-RateLimit-Reset means one thing, and who obeys Retry-After is permitted then.
# Seen: express writes whole seconds of the epoch, Koa seconds of the epoch with a fraction, Fastify seconds from
#   now, all under one name. Retry-After is rounded up by express and Fastify, down by Koa: its client comes back at
#   3 s, is denied a second time, and is told 0, which many clients take for "at once" until the window ends.
# Means: a client cannot read the old field without knowing the server, so a limiter that offers it names the unit.
#   Round Retry-After up and never below 1, or the obedient are punished.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund express@5.3.0 express-rate-limit@8.7.5 \
  fastify@5.12.8 @fastify/rate-limit@11.2.0 koa@3.3.0 koa-ratelimit@6.0.0

cat > seen.mjs <<'JS'
import http from 'node:http';
import fastifyLimit from '@fastify/rate-limit';
import express from 'express';
import {rateLimit} from 'express-rate-limit';
import Fastify from 'fastify';
import Koa from 'koa';
import koaLimit from 'koa-ratelimit';

const windowMs = 3_900;
const pause = ms => new Promise(done => setTimeout(done, ms));
const listen = handler => new Promise(done => {
  const server = http.createServer(handler).listen(0, '127.0.0.1', () => done(server.address().port));
});
const withExpress = express();
withExpress.use(rateLimit({windowMs, limit: 2}));
withExpress.get('/', (request, response) => response.send('fine'));
const withFastify = Fastify();
await withFastify.register(fastifyLimit, {timeWindow: windowMs, max: 2});
withFastify.get('/', () => 'fine');
await withFastify.listen({port: 0, host: '127.0.0.1'});
const withKoa = new Koa();
withKoa.use(koaLimit({driver: 'memory', db: new Map(), duration: windowMs, max: 2, id: context => context.ip}));
withKoa.use(context => { context.body = 'fine'; });

async function watch(port) {
  const get = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    await response.text();
    return response;
  };
  await get(); // the first window warms up
  await pause(windowMs + 500);
  await get();
  await get();
  const denied = await get();
  const seen = {
    status: denied.status,
    reset: denied.headers.get('x-ratelimit-reset'),
    retryAfter: denied.headers.get('retry-after'),
  };
  await pause(Number(seen.retryAfter) * 1000 + 50);
  const back = await get();
  return {...seen, whenObeyed: back.status, then: back.headers.get('retry-after')};
}

const [inExpress, inFastify, inKoa] = await Promise.all([
  watch(await listen(withExpress)), watch(withFastify.server.address().port), watch(await listen(withKoa.callback())),
]);
let changed = false;
function expect(name, seen, fine) {
  changed ||= !fine;
  console.log(name.padEnd(8), JSON.stringify(seen), fine ? '' : '  CHANGED');
}
const epoch = text => Math.abs(Number(text) - Date.now() / 1000) < 100;
expect('express', inExpress, /^\d+$/.test(inExpress.reset) && epoch(inExpress.reset)
    && ['3', '4'].includes(inExpress.retryAfter) && inExpress.whenObeyed === 200);
expect('fastify', inFastify, inFastify.reset === inFastify.retryAfter && inFastify.whenObeyed === 200);
expect('koa', inKoa, /^\d+\.\d+$/.test(inKoa.reset) && epoch(inKoa.reset)
    && ['2', '3'].includes(inKoa.retryAfter) && inKoa.whenObeyed === 429 && inKoa.then === '0');
process.exit(changed ? 1 : 0);
JS
node seen.mjs

// Asks the demo through each client, by way of a server of its own for each call, and prints a table of what is seen.
// That server takes whatever the client sends for one run of an address of its own, and hands the demo's answer back.
import {readFileSync} from 'node:fs';
import http from 'node:http';
import Anthropic from '@anthropic-ai/sdk';
import axios from 'axios';
import axiosRetry from 'axios-retry';
import got from 'got';
import ky from 'ky';
import OpenAI from 'openai';
import {Agent, request, RetryAgent} from 'undici';

const demo = `http://127.0.0.1:${process.argv[2]}/agents/a1/runs`;
const WATCHED_MS = 45_000; // longer than anybody waits who does not wait for all of an hour
const SLOT_SECONDS = 20; // as long as the demo holds one
const TOKENS = 20; // the demo's bucket
const SECONDS_PER_TOKEN = 3;

const clients = {
  'openai': base => new OpenAI({apiKey: 'none', baseURL: base})
    .chat.completions.create({model: 'm', messages: [{role: 'user', content: 'hello'}]}),
  '@anthropic-ai/sdk': base => new Anthropic({apiKey: 'none', baseURL: base})
    .messages.create({model: 'm', max_tokens: 1, messages: [{role: 'user', content: 'hello'}]}),
  'got, GET': base => got(base),
  'got, POST': base => got.post(base, {body: 'a note'}),
  'ky, GET': base => ky.get(base).text(),
  'ky, POST': base => ky.post(base, {body: 'a note'}).text(),
  'undici, GET': base => retryAgent(base, {method: 'GET'}),
  'undici, POST': base => retryAgent(base, {method: 'POST', body: 'a note'}),
  'axios-retry, GET': base => axiosRetrying().get(base),
  'axios-retry, POST': base => axiosRetrying().post(base, 'a note'),
};

async function retryAgent(base, options) {
  const response = await request(base, {...options, dispatcher: new RetryAgent(new Agent())});
  await response.body.text();
  if (response.statusCode >= 400) {
    throw new Error(`status ${response.statusCode}`);
  }
}

function axiosRetrying() {
  const client = axios.create();
  axiosRetry(client);
  return client;
}

const runOf = (seconds, retryAfter) => ({query: `tokens=${TOKENS - 1 + seconds / SECONDS_PER_TOKEN}`, retryAfter});
const told = {
  '`Retry-After: 12`': runOf(12, '12'),
  '`Retry-After: 3600`': runOf(3600, '3600'),
  '`Retry-After: 2147483`, of 30 days': runOf(30 * 86_400, '2147483'),
  'no time (a slot, or never)': {query: `stream=true&seconds=${SLOT_SECONDS}`, retryAfter: null, stays: true},
};

const pause = ms => new Promise(done => setTimeout(done, ms).unref());
const start = (address, query = '') =>
  fetch(`${demo}?${query}`, {method: 'POST', headers: {'x-forwarded-for': address}});

let addresses = 0;
const shown = new Map();
const held = []; // streams that nobody reads, which would be closed if nobody could

// Has an address spend what it has, which nobody has asked for yet.
async function spend(address, {query, stays}) {
  const spent = await start(address, query);
  if (spent.status !== 200) {
    throw new Error(`the first run must be permitted: ${spent.status}`);
  }
  if (stays) {
    held.push(spent);
  } else {
    await spent.text();
  }
}

// Returns what is seen of one call that is denied at first.
async function see(name, call, header, run) {
  const address = `198.51.100.${++addresses}`;
  const pauses = []; // in seconds, from an answer to the next request
  let answered = 0;
  let note = '';
  const server = http.createServer(async (asked, response) => {
    const isFirst = answered === 0;
    pauses.push((performance.now() - answered) / 1000);
    asked.resume();
    if (isFirst) {
      await spend(address, run);
    }
    const answer = await start(address);
    if (isFirst) {
      const retryAfter = answer.headers.get('retry-after');
      if (answer.status !== 429 || (retryAfter === null) !== (run.retryAfter === null)) {
        throw new Error(`${name} must be told ${header}: ${answer.status}, ${retryAfter}`);
      }
      if (retryAfter !== run.retryAfter) {
        note = `(told ${retryAfter}) `; // on a busy machine
      }
    }
    const fields = [...answer.headers].filter(([field]) => !['connection', 'keep-alive', 'content-length',
      'transfer-encoding'].includes(field));
    response.writeHead(answer.status, fields).end(await answer.text());
    answered = performance.now();
  });
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const called = call(`http://127.0.0.1:${server.address().port}`).then(() => 'answered', error => {
    shown.set(name.split(',')[0], `${error.name}: ${error.message}`.split('\n')[0].slice(0, 100));
    return 'gives up';
  });
  const end = await Promise.race([called, pause(run.stays ? (SLOT_SECONDS - 2) * 1000 : WATCHED_MS).then(() => 'waits')]);
  const again = pauses.slice(1).map(seconds => Number(seconds.toFixed(1))).join(', ');
  return `${note}${again && `again after ${again}; `}${end}`;
}

process.on('unhandledRejection', error => {
  console.error(error);
  process.exit(1);
});
await (await start('198.51.100.0')).text(); // so that the demo is warm
console.log(`| client | ${Object.keys(told).join(' | ')} |`);
console.log(`|---|${'---|'.repeat(Object.keys(told).length)}`);
const rows = await Promise.all(Object.entries(clients).map(async ([name, call]) =>
  [name, ...await Promise.all(Object.entries(told).map(([header, run]) => see(name, call, header, run)))]));
rows.forEach(cells => console.log(`| ${cells.join(' | ')} |`));

console.log();
shown.forEach((message, name) => console.log(`${name} shows: ${message}`));
const version = name => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log(['openai', '@anthropic-ai/sdk', 'got', 'ky', 'undici', 'axios', 'axios-retry']
  .map(name => `${name} ${version(name)}`).join(', '), `on Node.js ${process.version}`);
process.exit(0);

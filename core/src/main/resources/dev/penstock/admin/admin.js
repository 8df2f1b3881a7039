/** Signs in, asks once a second, and shows the answers. */

import { Chart } from './chart.js';
import * as identity from './identity.js';
import { Refused, get, post, useToken } from './server.js';
import { at, fill, list, moment, number, say } from './tables.js';

const SECOND = 1_000;
const DENIED_EVERY = 5;

const chart = new Chart(at('chart'), at('chart-text'));

/** Counts sign-ins, so that what belongs to an earlier one ends. */
let session = 0;
let policies = [];
let last = null;

at('enter').addEventListener('submit', event => {
  event.preventDefault();
  enter(at('token').value.trim());
});
at('leave').addEventListener('click', () => leave(''));
at('reload').addEventListener('click', reload);
at('filter').addEventListener('input', () => last !== null && showLimits(last));
identity.begin();

async function enter(token) {
  useToken(token);
  try {
    await get('status');
  } catch (refused) {
    say(at('enter-fault'), refused.message);
    return;
  }
  at('token').value = '';
  say(at('enter-fault'), '');
  at('enter').hidden = true;
  at('page').hidden = false;
  at('leave').hidden = false;
  at('page').focus();
  session += 1;
  watch(session);
}

function leave(why) {
  session += 1;
  useToken('');
  last = null;
  chart.clear();
  identity.forget();
  fill(at('denied'), []);
  at('page').hidden = true;
  at('leave').hidden = true;
  at('enter').hidden = false;
  say(at('enter-fault'), why);
  say(at('state'), 'Signed out');
  at('token').focus();
}

async function watch(own) {
  let version = null;
  for (let second = 0; own === session; second++) {
    const began = performance.now();
    try {
      const status = await get('status');
      const file = status.file;
      const now = file === undefined ? 'code' : `${file.since} ${file.reloads}`;
      if (now !== version) {
        const found = await get('policies');
        policies = found.policies;
        version = now;
        identity.offer(policies);
      }
      const denied = second % DENIED_EVERY === 0 ? await get('denied') : null;
      if (own === session) {
        show(status, denied);
        say(at('state'), 'Live');
        say(at('refreshed'), `Refreshed in ${Math.round(performance.now() - began)} ms.`);
      }
    } catch (failure) {
      if (own === session && failure instanceof Refused && failure.status === 401) {
        leave(failure.message);
      } else if (own === session) {
        say(at('state'), `No answer: ${failure.message}. What is shown is old.`);
      }
    }
    const rest = SECOND - (performance.now() - began);
    await new Promise(next => setTimeout(next, Math.max(0, rest)));
  }
}

function show(status, denied) {
  showRates(status);
  say(at('slots'), number(sum(status.slots)));
  say(at('buckets'), number(status.rooms.buckets));
  showRedis(status.redis);
  showFile(status.file);
  showLimits(status);
  showShadow(status.shadow);
  showRooms(status.rooms);
  if (denied !== null) {
    showDenied(denied);
  }
  last = status;
}

function showRates(status) {
  const seconds = last === null ? 0 : (status.at - last.at) / SECOND;
  if (seconds <= 0) {
    return;
  }
  const rate = outcome =>
    Math.max(0, (status.requests[outcome] ?? 0) - (last.requests[outcome] ?? 0)) / seconds;
  const permitted = Math.round(rate('permitted'));
  const denied = Math.round(rate('denied'));
  say(at('permitted-rate'), number(permitted));
  say(at('denied-rate'), number(denied));
  chart.add(permitted, denied);
}

function showRedis(redis) {
  const element = at('redis');
  element.classList.toggle('bad', redis?.available === false);
  say(element, redis === undefined ? 'not used' : redis.available ? 'there' : 'away');
}

function showFile(file) {
  const state = at('file-state');
  state.classList.toggle('bad', file?.current === false);
  at('reload').hidden = file === undefined;
  if (file === undefined) {
    say(state, 'none');
    say(at('file-note'), 'The gate is built in code.');
    return;
  }
  say(state, file.current ? 'in force' : 'refused');
  const refusal = file.lastRefusal;
  const refused = refusal === undefined ? '' : ` Last refused ${moment(refusal.at)}:`;
  say(
    at('file-note'),
    `${file.path}: in force since ${moment(file.since)}, ${number(file.reloads)} times replaced,`
      + ` ${number(file.refusals)} times refused.${refused}`,
  );
  list(at('faults'), 'li', refusal?.faults ?? []);
}

/** Limits of the policies, and behind them what is counted besides, such as bans. */
function showLimits(status) {
  const counted = new Map(status.limits.map(limit => [limit.name, limit]));
  const tried = new Map(status.shadow.map(each => [each.limit, each]));
  const rows = [];
  for (const policy of policies) {
    for (const limit of policy.limits) {
      const counts = limit.shadow ? triedCounts(tried.get(limit.name)) : counted.get(limit.name);
      const plans = limit.plans.map(each => `${each.plan}: ${each.words}`);
      rows.push([
        limit.name + (limit.shadow ? ' (in shadow)' : ''),
        policy.name,
        limit.line === undefined ? '' : String(limit.line),
        [limit.words, ...plans].join('; '),
        limit.partition,
        ...numbers(counts),
        limit.shadow ? '' : slots(status.slots[limit.name]),
        counts?.owed > 0 ? number(counts.owed) : '',
      ]);
    }
  }
  const named = new Set(policies.flatMap(policy => policy.limits.map(limit => limit.name)));
  for (const limit of status.limits) {
    if (!named.has(limit.name)) {
      const owed = limit.owed > 0 ? number(limit.owed) : '';
      rows.push([limit.name, '', '', '', '', ...numbers(limit), slots(status.slots[limit.name]), owed]);
    }
  }
  const wanted = at('filter').value.toLowerCase();
  const shown = rows.filter(row => `${row[0]} ${row[1]}`.toLowerCase().includes(wanted));
  fill(at('limits'), shown);
  say(at('limits-note'), `${number(shown.length)} of ${number(rows.length)} limits are shown.`);
}

function triedCounts(each) {
  return each && { permitted: each.requests - each.denied, denied: each.denied };
}

function numbers(counts) {
  return [number(counts?.permitted ?? 0), number(counts?.denied ?? 0)];
}

function slots(held) {
  return held === undefined ? '' : number(held);
}

function showDenied(denied) {
  fill(
    at('denied'),
    denied.top.map(each => [
      each.who,
      each.kind,
      each.limit,
      number(each.count),
      number(each.count - each.error),
    ]),
  );
  const missed = denied.missed > 0 ? ` ${number(denied.missed)} denials were not counted.` : '';
  say(
    at('denied-note'),
    denied.known
      ? `The first ${number(denied.top.length)}.${missed}`
      : 'Nobody is counted by name, as nobody has asked for it.',
  );
}

function showShadow(report) {
  list(at('shadow'), 'li', report.map(each => each.text));
  say(at('shadow-note'), report.length === 0 ? 'No limit was tried in shadow.' : '');
}

function showRooms(rooms) {
  const kinds = [...new Set([...Object.keys(rooms.capacity), ...Object.keys(rooms.overflow)])];
  fill(
    at('rooms'),
    kinds.map(kind => [
      kind,
      rooms.capacity[kind] === undefined ? '' : number(rooms.capacity[kind]),
      number(rooms.overflow[kind] ?? 0),
    ]),
  );
}

async function reload() {
  const note = at('reload-note');
  try {
    const answer = await post('reload', {});
    say(note, answer.done ? 'The file is in force.' : 'The file is refused.');
  } catch (refused) {
    say(note, refused.message);
  }
}

function sum(byName) {
  return Object.values(byName).reduce((all, one) => all + one, 0);
}

/** Looks at the buckets of one identity, fills them, and lifts bans. */

import { post } from './server.js';
import { at, fill, list, number, say } from './tables.js';

const PARTS = ['kind', 'issuer', 'workspace', 'type', 'name', 'plan'];
const EVERY_LIMIT = 'all limits of the policy';

let limitsByPolicy = new Map();

export function begin() {
  at('kind').addEventListener('change', showParts);
  at('policy').addEventListener('change', showLimits);
  at('identity').addEventListener('submit', event => {
    event.preventDefault();
    attempt(look);
  });
  at('reset').addEventListener('click', () => attempt(reset));
  at('lift').addEventListener('click', () => attempt(lift));
}

/** Offers these policies. */
export function offer(policies) {
  limitsByPolicy = new Map(
    policies.map(policy => [policy.name, policy.limits.map(limit => limit.name)]),
  );
  choose(at('policy'), [...limitsByPolicy.keys()]);
  showLimits();
}

/** Forgets whom somebody has looked at. */
export function forget() {
  at('identity').reset();
  showParts();
  say(at('identity-note'), '');
  fill(at('identity-buckets'), []);
}

function showParts() {
  for (const part of document.querySelectorAll('[data-of]')) {
    part.hidden = part.dataset.of !== at('kind').value;
  }
}

function showLimits() {
  const limits = limitsByPolicy.get(at('policy').value) ?? [];
  choose(at('limit'), [EVERY_LIMIT, ...new Set(limits)]);
}

/** Offers these; what somebody has chosen stays chosen, wherever it stands now. */
function choose(select, names) {
  const chosen = select.value;
  list(select, 'option', names);
  select.value = names.includes(chosen) ? chosen : (names[0] ?? '');
}

/** Parts that are hidden or empty are not meant. */
function identity() {
  const parts = {};
  for (const name of PARTS) {
    const input = at(name);
    if (input.value !== '' && !input.parentElement.hidden) {
      parts[name] = input.value;
    }
  }
  return parts;
}

async function attempt(action) {
  const note = at('identity-note');
  if (!at('identity').reportValidity()) {
    return;
  }
  try {
    await action(note);
    note.className = '';
  } catch (refused) {
    note.className = 'bad';
    say(note, refused.message);
  }
}

async function look(note) {
  const found = await post('peek', { policy: at('policy').value, ...identity() });
  fill(
    at('identity-buckets'),
    found.buckets.map(bucket => [
      bucket.limit + (bucket.shadow ? ' (in shadow)' : ''),
      bucket.words,
      `${number(bucket.remaining)} of ${number(bucket.capacity)}`,
      bucket.resetAfter === undefined ? 'not known' : seconds(bucket.resetAfter),
    ]),
  );
  say(note, verdict(found));
}

function verdict(found) {
  if (found.banned !== undefined) {
    return `Banned for ${seconds(found.banned)} more.`;
  }
  if (found.permitted) {
    return 'One more request would be permitted.';
  }
  return found.retryAfter === undefined
    ? 'One more request would be denied; nobody knows for how long.'
    : `One more request would be denied, for ${seconds(found.retryAfter)} more.`;
}

async function reset(note) {
  const policy = at('policy').value;
  const limit = at('limit').value;
  const only = limit === EVERY_LIMIT ? {} : { limit };
  const what = limit === EVERY_LIMIT ? 'all buckets' : `the bucket of ${limit}`;
  if (confirm(`Fill ${what} of ${policy}? Those that are shared are filled for everybody who shares them.`)) {
    await post('reset', { policy, ...only, ...identity() });
    await look(note);
    say(note, `Filled. ${note.textContent}`);
  }
}

async function lift(note) {
  await post('lift', identity());
  await look(note);
  say(note, `Lifted. ${note.textContent}`);
}

function seconds(millis) {
  return `${number(Math.ceil(millis / 100) / 10)} s`;
}

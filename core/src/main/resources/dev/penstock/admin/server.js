/** Asks the server, and keeps the token: here alone, so it ends with the page. */

const PATIENCE_MILLIS = 10_000;

let token = '';

/** What the server has refused, and why. */
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export function useToken(text) {
  token = text;
}

export function get(name) {
  return ask(name, {});
}

/** The parameters travel in the content: no URL holds an identity. */
export function post(name, parameters) {
  return ask(name, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(parameters),
  });
}

async function ask(name, request) {
  const response = await fetch(name, {
    ...request,
    headers: { ...request.headers, Authorization: `Bearer ${token}` },
    cache: 'no-store',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(PATIENCE_MILLIS),
  });
  const answer = await response.json();
  if (!response.ok) {
    throw new Refused(response.status, answer.detail);
  }
  return answer;
}

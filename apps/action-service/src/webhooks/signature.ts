import { createHmac } from 'node:crypto';

/** What of a secret is its prefix, and what is the key: 24 to 64 bytes in base64 (Standard Webhooks, Symmetric). */
const format = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/;

/** Whether a text can be a secret of a webhook. */
export const isWebhookSecret = (text: string): boolean => format.test(text);

/**
 * The headers of Standard Webhooks for a body: the signature is an HMAC-SHA256 over id, moment and body, one for each secret
 * that is valid. By Node's own HMAC: that of the package `standardwebhooks` is written in JavaScript and holds the process up
 * for thirty milliseconds where a page of changes is signed; the tests verify by it.
 */
export function signedHeaders(id: string, body: string, secrets: string[], now = new Date()): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(format.exec(secret)?.[1] ?? '', 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures.join(' ') };
}

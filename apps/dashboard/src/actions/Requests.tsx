import type { Schemas } from '../api/client';
import { t } from '../texts';
import styles from './actions.module.css';

/** Requests to Okta: those that were made, or of a dry run those that would be. */
export function Requests({ requests, isDry = false }: { requests: Schemas['OktaRequest'][]; isDry?: boolean }) {
  return (
    <ol className={styles.requests}>
      {requests.map(({ method, path, body, status, code, requestId, sent }, place) => (
        // A request has no id but its place.
        // oxlint-disable-next-line react/no-array-index-key
        <li key={place} className={styles.request}>
          <div className={styles.requestLine}>
            <span className={styles.method}>{method}</span>
            <code>{path}</code>
          </div>
          {body && Object.keys(body).length > 0 && <pre>{JSON.stringify(body, null, 2)}</pre>}
          {!isDry && (
            <p className="muted">
              {status !== null
                ? `${t.actionPage.answered} ${status}`
                : sent > 0
                  ? t.actionPage.noAnswer
                  : t.actionPage.notSent}
              {code && ` · ${code}`}
              {requestId && (
                <>
                  {' · '}
                  <code>{requestId}</code>
                </>
              )}
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

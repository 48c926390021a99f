import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, bodyOf } from '../api/client';
import type { Connection } from '../domain';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { Cards, TextField } from '../ui/Field';
import { Dialog } from '../ui/Overlay';
import { Notice } from '../ui/Parts';
import { ProblemView } from '../ui/States';
import { say } from '../ui/Toasts';
import styles from './integrations.module.css';
import { TestResult } from './TestResult';
import { useCommands } from './useCommands';
import { isRefused, useTest, type Test } from './useTest';

interface Props {
  connection: Connection;
  isOpen: boolean;
  onClose: () => void;
}

export function Rename({ connection, isOpen, onClose }: Props) {
  const { change } = useCommands(connection.id);
  const [name, setName] = useState(connection.name);
  const save = () =>
    change.mutate(
      { name: name.trim() },
      {
        onSuccess: () => {
          onClose();
          say(t.connection.renamed, {
            next: { text: t.common.undo, onChoose: () => change.mutate({ name: connection.name }) },
          });
        },
      },
    );
  return (
    <Dialog
      title={t.connection.rename}
      isOpen={isOpen}
      onClose={onClose}
      footer={
        <Button look="primary" isDisabled={!name.trim()} isPending={change.isPending} onPress={save}>
          {t.common.save}
        </Button>
      }
    >
      <TextField label={t.connection.name} value={name} onChange={setName} isRequired autoFocus maxLength={100} />
    </Dialog>
  );
}

/** The same checks as when it was connected; what they find is kept. */
export function Retest({ connection, isOpen, onClose, test, onAgain }: Props & { test: Test; onAgain: () => void }) {
  return (
    <Dialog
      title={t.tests.title}
      isOpen={isOpen}
      onClose={onClose}
      isBusy={test.isRunning}
      footer={
        !test.isRunning && (
          <>
            <Button onPress={onAgain}>{t.tests.again}</Button>
            <Button look="primary" onPress={onClose}>
              {t.common.close}
            </Button>
          </>
        )
      }
    >
      <TestResult test={test} level={connection.level} words={t.connection.testWords} />
    </Dialog>
  );
}

export function Rotate({ connection, isOpen, onClose }: Props) {
  const texts = t.connection;
  const { refreshed } = useCommands(connection.id);
  const [token, setToken] = useState('');
  const [orgUrl, setOrgUrl] = useState('');
  const [isTested, setIsTested] = useState(false);
  const test = useTest();
  const moved = orgUrl.trim();
  const close = () => {
    setIsTested(false);
    onClose();
  };
  const rotate = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/connections/{connection}/token', {
          params: { path: { connection: connection.id } },
          body: { token: token.trim(), ...(moved && { orgUrl: moved }) },
        }),
      ),
    onSuccess: async () => {
      setToken('');
      await refreshed();
      say(texts.rotated);
      close();
    },
  });
  const go = () => {
    rotate.reset();
    setIsTested(true);
    const { id, level } = connection;
    const body = { connection: id, orgUrl: moved || connection.orgUrl, level, token: token.trim() };
    test.start(() => bodyOf(api.POST('/api/v1/connection-tests', { body, parseAs: 'stream' })));
  };
  return (
    <Dialog
      title={texts.rotate}
      isOpen={isOpen}
      onClose={close}
      isBusy={test.isRunning || rotate.isPending}
      footer={
        !isTested ? (
          <Button look="primary" isDisabled={!token.trim()} onPress={go}>
            {texts.test}
          </Button>
        ) : (
          !test.isRunning && (
            <>
              <Button onPress={() => setIsTested(false)}>{texts.changeToken}</Button>
              {test.ended && !isRefused(test.ended) && (
                <Button look="primary" isPending={rotate.isPending} onPress={() => rotate.mutate()}>
                  {texts.rotate}
                </Button>
              )}
            </>
          )
        )
      }
    >
      <div className={styles.stack}>
        {rotate.error && <ProblemView error={rotate.error} isSmall />}
        {isTested ? (
          <TestResult test={test} level={connection.level} words={texts.rotateWords} />
        ) : (
          <>
            <p className="muted">{texts.rotateText}</p>
            <TextField
              label={texts.newToken}
              name="token"
              type="password"
              value={token}
              onChange={setToken}
              isRequired
              isMono
              autoFocus
            />
            <TextField label={texts.movedUrl} value={orgUrl} onChange={setOrgUrl} placeholder={connection.orgUrl} />
          </>
        )}
      </div>
    </Dialog>
  );
}

export function Disconnect({ connection, isOpen, onClose }: Props) {
  const texts = t.connection;
  const { refreshed } = useCommands(connection.id);
  const cache = useQueryClient();
  const navigate = useNavigate();
  const isRemoved = connection.removedAt !== null;
  const [choice, setChoice] = useState<'keep' | 'erase'>('keep');
  const history = isRemoved ? 'erase' : choice;
  const [confirmed, setConfirmed] = useState('');
  const disconnect = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/connections/{connection}', {
        params: { path: { connection: connection.id }, query: { history } },
      }),
    onSuccess: async () => {
      onClose();
      await navigate({ to: '/integrations', search: { connection: undefined } });
      await refreshed();
      await cache.invalidateQueries();
      say(history === 'keep' ? texts.disconnected : texts.erased);
    },
  });
  const isSure = history === 'keep' || confirmed === connection.name;
  return (
    <Dialog
      title={isRemoved ? texts.eraseTitle(connection.name) : texts.disconnectTitle(connection.name)}
      isOpen={isOpen}
      onClose={onClose}
      isBusy={disconnect.isPending}
      footer={
        <>
          <Button onPress={onClose}>{t.common.cancel}</Button>
          <Button
            look="danger"
            isDisabled={!isSure}
            isPending={disconnect.isPending}
            onPress={() => disconnect.mutate()}
          >
            {history === 'keep' ? texts.disconnect : texts.erase}
          </Button>
        </>
      }
    >
      <div className={styles.stack}>
        {!isRemoved && (
          <Cards
            label={texts.disconnect}
            value={history}
            onChange={setChoice}
            options={[
              { id: 'keep', title: texts.keep, children: <span className="muted">{texts.keepText}</span> },
              { id: 'erase', title: texts.erase, children: <span className="muted">{texts.eraseText}</span> },
            ]}
          />
        )}
        {history === 'erase' && (
          <>
            <Notice tone="bad" title={texts.eraseText} />
            <TextField
              label={texts.eraseConfirm(connection.name)}
              value={confirmed}
              onChange={setConfirmed}
              isRequired
            />
          </>
        )}
        {disconnect.error && <ProblemView error={disconnect.error} isSmall />}
      </div>
    </Dialog>
  );
}

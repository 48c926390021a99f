import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api, bodyOf } from '../api/client';
import { problemFrom } from '../api/problem';
import type { Connection } from '../domain';
import { t } from '../texts';
import { Button } from '../ui/Button';
import { Cards, TextField } from '../ui/Field';
import { Dialog } from '../ui/Overlay';
import { Notice } from '../ui/Parts';
import { ProblemView } from '../ui/States';
import { say } from '../ui/Toasts';
import { Checks, type ShownCheck } from './Checks';
import styles from './integrations.module.css';
import { useCommands } from './useCommands';

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

export function Rotate({ connection, isOpen, onClose }: Props) {
  const texts = t.connection;
  const { refreshed } = useCommands(connection.id);
  const [token, setToken] = useState('');
  const [orgUrl, setOrgUrl] = useState('');
  const rotate = useMutation({
    mutationFn: () =>
      bodyOf(
        api.POST('/api/v1/connections/{connection}/token', {
          params: { path: { connection: connection.id } },
          body: { token: token.trim(), ...(orgUrl.trim() && { orgUrl: orgUrl.trim() }) },
        }),
      ),
    onSuccess: async () => {
      setToken('');
      await refreshed();
      say(texts.rotated);
      onClose();
    },
  });
  const checks = rotate.error && (problemFrom(rotate.error).problem.context?.checks as ShownCheck[] | undefined);
  return (
    <Dialog
      title={texts.rotate}
      isOpen={isOpen}
      onClose={onClose}
      isBusy={rotate.isPending}
      footer={
        <Button look="primary" isDisabled={!token.trim()} isPending={rotate.isPending} onPress={() => rotate.mutate()}>
          {texts.rotate}
        </Button>
      }
    >
      <div className={styles.stack}>
        <p className="muted">{texts.rotateText}</p>
        <TextField
          label={texts.newToken}
          type="password"
          value={token}
          onChange={setToken}
          isRequired
          isMono
          autoFocus
        />
        <TextField label={texts.movedUrl} value={orgUrl} onChange={setOrgUrl} placeholder={connection.orgUrl} />
        {rotate.error && <ProblemView error={rotate.error} isSmall />}
        {checks && <Checks checks={checks.filter(({ result }) => result !== 'ok')} />}
      </div>
    </Dialog>
  );
}

export function Disconnect({ connection, isOpen, onClose }: Props) {
  const texts = t.connection;
  const { refreshed } = useCommands(connection.id);
  const cache = useQueryClient();
  const navigate = useNavigate();
  const [history, setHistory] = useState<'keep' | 'erase'>('keep');
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
      say(texts.disconnected);
    },
  });
  const isSure = history === 'keep' || confirmed === connection.name;
  return (
    <Dialog
      title={texts.disconnectTitle(connection.name)}
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
        <Cards
          label={texts.disconnect}
          value={history}
          onChange={setHistory}
          options={[
            { id: 'keep', title: texts.keep, children: <span className="muted">{texts.keepText}</span> },
            { id: 'erase', title: texts.erase, children: <span className="muted">{texts.eraseText}</span> },
          ]}
        />
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

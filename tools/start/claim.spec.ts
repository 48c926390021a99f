import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Claim, claimedBy, ClaimedError, type Claimed } from './claim.js';
import { processId } from './process-id.js';

const freshFile = () => join(mkdtempSync(join(tmpdir(), 'claim-')), 'claim.json');
const leave = (file: string, claimed: Partial<Claimed>) =>
  writeFileSync(file, JSON.stringify({ since: '2026-11-23T09:00:00.000Z', parts: [], ...claimed }));

/** A process that has ended, so that nobody has its pid. */
async function ended() {
  const child = spawn('true');
  const id = processId(child.pid!);
  await once(child, 'exit');
  return id;
}

describe('the claim to a home folder', () => {
  it('is for one at a time, and the refusal says who has it and what to do', async () => {
    const file = freshFile();
    const claim = await Claim.take(file);
    await expect(Claim.take(file)).rejects.toThrow(ClaimedError);
    await expect(Claim.take(file)).rejects.toThrow(new RegExp(`process ${process.pid}, .*\`kill ${process.pid}\``));
    claim.release();
    (await Claim.take(file)).release();
    expect(readdirSync(join(file, '..'))).toEqual([]);
  });

  it('goes over to the next when its process is gone, and to one of ten who ask at once', async () => {
    const file = freshFile();
    leave(file, await ended());
    expect(claimedBy(file)).toBeUndefined();
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => Claim.take(file)));
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(claimedBy(file)).toMatchObject({ pid: process.pid });
  });

  it('goes over when its pid is another process by now', async () => {
    const file = freshFile();
    leave(file, { pid: process.pid, born: 'long ago' });
    await Claim.take(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject(processId(process.pid));
  });

  it('waits for what a killed one had started, which still uses the data', async () => {
    const file = freshFile();
    const part = spawn('sleep', ['60']);
    const left = { ...(await ended()), parts: [{ name: 'mongod', ...processId(part.pid!) }] };
    leave(file, left);
    await expect(Claim.take(file, 0)).rejects.toThrow(`left these running: mongod (${part.pid})`);
    leave(file, left);
    const taken = Claim.take(file, 60_000);
    part.kill('SIGKILL');
    await taken;
  });

  it('leaves the file alone that is another one’s', async () => {
    const file = freshFile();
    const claim = await Claim.take(file);
    leave(file, { pid: process.ppid, born: processId(process.ppid).born });
    claim.release();
    expect(claimedBy(file)).toMatchObject({ pid: process.ppid });
  });
});

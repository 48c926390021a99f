import { check } from './checks.js';
import { answers } from '../deployment/programs.js';

const usage = `npm run cluster     applies both overlays to a real Kubernetes API server with its controllers and played nodes, and sees that
                    pods are spread, safe, scaled, drained and replaced as the manifests say. Wants Go and openssl.`;

if (process.argv.includes('--help')) console.log(usage);
else if (await answers('go', 'version')) await check();
else console.log('SKIPPED: Go is not installed, which builds the control plane. Nothing was checked.');

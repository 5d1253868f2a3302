// What the suites know of the demo data: who signs in as which role, and the ways in.

export const PASSWORD = 'mainstay-demo';

/** Sign-in name by role. */
export const PEOPLE = {
  requester: 'requester@demo.example',
  agent: 'agent@demo.example',
  approver: 'approver@demo.example',
  manager: 'manager@demo.example',
  auditor: 'auditor@demo.example',
  customer: 'customer@demo.example',
  vendor: 'vendor@demo.example',
  admin: 'admin@demo.example',
};

export const SIGN_IN_PATH = '/sign-in';
export const TOKENS_PATH = '/api/v1/tokens';
export const OPENAPI_PATH = '/api/v1/openapi.json';

/** The address of the server under test. */
export function baseUrl() {
  const url = process.env.MAINSTAY_URL;
  if (!url) throw new Error('start the suite with `make test RUN=browser`, or set MAINSTAY_URL');
  return url;
}

import { type Attempts, plain } from './attempt.ts';

/** Routes of every service. */
export const operated: Attempts = {
  'GET /docs': plain('/docs'),
  'GET /docs/': plain('/docs/', 404),
  'GET /docs/json': plain('/docs/json'),
  'GET /docs/yaml': plain('/docs/yaml'),
  'GET /docs/static/*': plain('/docs/static/swagger-ui.css'),
  'GET /docs/static/index.html': plain('/docs/static/index.html', 302),
  'GET /docs/static/swagger-initializer.js': plain('/docs/static/swagger-initializer.js'),
  'GET /health/live': plain('/health/live'),
  'GET /health/ready': plain('/health/ready'),
  'GET /metrics': plain('/metrics'),
};

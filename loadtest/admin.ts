interface Login {
  email: string;
  password: string;
}

/** The administrator's login; null unless the experiment has `needs.admin`, because only the runner knows it. */
export const adminLogin: Login | null = JSON.parse(__ENV.ADMIN_LOGIN || 'null');

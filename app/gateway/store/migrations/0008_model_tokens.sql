-- What each person's questions cost at a language model, by day (UTC). A day's row is written with each answer and read
-- before each: it is kept small, and days that nobody asks for any more are pruned.
CREATE TABLE model_tokens (
    user_id uuid NOT NULL REFERENCES users,
    day date NOT NULL,
    prompt_tokens bigint NOT NULL DEFAULT 0 CHECK (prompt_tokens >= 0),
    completion_tokens bigint NOT NULL DEFAULT 0 CHECK (completion_tokens >= 0),
    PRIMARY KEY (user_id, day)
);
CREATE INDEX model_tokens_day ON model_tokens (day);

-- What was heard of learning is found when its period is over.
CREATE INDEX training_over ON training (completed_on);
CREATE INDEX judgement_over ON judgement (judged_on);

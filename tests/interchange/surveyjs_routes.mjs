// Prints the visible questions of a SurveyJS form for each case: node surveyjs_routes.mjs MODULES FORM CASES
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, form, cases] = process.argv.slice(2);
const { Model } = createRequire(`${modules}/`)('survey-core');
const json = JSON.parse(readFileSync(form, 'utf8'));
const faults = new Model(json).jsonErrors ?? [];
const shown = JSON.parse(readFileSync(cases, 'utf8')).map((data) => {
  const survey = new Model(json);
  survey.data = data;
  const visible = survey.getAllQuestions().filter((question) => question.isVisible);
  return visible.map((question) => question.name);
});
console.log(JSON.stringify({ faults: faults.map((fault) => fault.message), shown }));

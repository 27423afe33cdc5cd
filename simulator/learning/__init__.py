"""Lessons, quizzes and labs: what a learner does with a world, and how it is judged.

Keys are questions to a run and goals are promises of a run, so nobody can write a wrong key. Everything here is data
and plain objects; screens, plain mode and commands show it.

    lesson.load_lesson, finding.every       a lesson folder -> `lesson.Lesson`, or every mistake at once
    sessions.LessonSession                  its pages with live excerpts
    quizzing.QuizSession                    its questions: ask, answer, hint, feedback, score
    lab.LabSession                          a world to repair: edit, run, goals, traps, hints, solution, undo
    progress.Progress, review, desk         what was answered, what comes back, and where to go on
    checks.prove, lint.validate             what an author proves before shipping
    rules.RULES, schema.schema              what can be wrong, and the JSON Schemas for editors
"""
